"""What a plan would have been worth: a home's history played again, causally."""
