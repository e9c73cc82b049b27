"""What the domains' models share: boosted trees, error measures, calibration, cards. Imports none of our packages."""
