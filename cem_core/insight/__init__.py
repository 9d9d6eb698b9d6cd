"""What is known of the home beyond its meters: pure, numpy only, no clock."""
