"""Labels what a labelling model is sure of, and chooses what people should look at. The method: LABELLING.md."""
