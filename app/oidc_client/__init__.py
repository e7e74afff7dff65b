"""The relying party: everything the portal says to an OpenID Provider and everything it checks in the answer.

No Flask and no tables live here: pending attempts are rows of the caller's, handed in and out as plain values.
Nothing is imported at this level, so that `app.oidc_client.proofing` can be read without loading an HTTP client.
"""
