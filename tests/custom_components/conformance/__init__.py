"""What every driver has to do alike, against peers that speak its protocol."""
