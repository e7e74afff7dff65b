"""The mechanisms by which a person proves who they are, shared by both services.

Nothing here knows Flask, tables, mail or the time of day: values and the time come as arguments, randomness from
`secrets`. What an attempt means (who is signed in, what is written down, who is told) belongs to the flows.
"""
