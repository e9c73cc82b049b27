"""What the words' models share: boosted trees, error measures, calibration, model cards. Imports none of our packages."""
