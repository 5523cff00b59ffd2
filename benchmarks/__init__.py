"""What is measured of the code: how fast it is, and whether its tests would notice a mistake."""
