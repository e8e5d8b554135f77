"""A black-box suite for SPARQL endpoints: what one must and what one should do.

``python -m tests.endpoint write FILE`` writes the data to serve, ``python -m tests.endpoint run
URL`` runs all checks against an endpoint that serves it.  Nothing here knows our server.
"""
