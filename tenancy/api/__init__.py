"""What every resource of the REST API stands on, and the resources of the ground floor."""
