"""Full-text indexes beside the text that they are of."""
