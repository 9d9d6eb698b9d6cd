"""Plans a home's energy with Pyomo and HiGHS."""
