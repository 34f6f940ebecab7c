"""From the name a client uses to what is known of the model. The facts are data: models.yaml."""
