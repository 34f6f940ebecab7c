"""What the proxy adds on the way: on requests as functions, on replies as stages that events pass through."""
