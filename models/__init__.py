"""From a feature vector to a decision: classifier, calibration, policy, rules, reasons, artefact."""
