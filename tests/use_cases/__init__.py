"""One acceptance test for each ESMIG use case that the CEM claims."""
