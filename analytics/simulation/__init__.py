"""A world in which it is known who did what, to see whether the product finds it out.

People read, pass on, open and pass on again, with messengers, machines and mishaps between
them. Nothing in here looks at the product's own rules: what somebody is, is known because
somebody was made that way. docs/simulation.md tells what is acted out, and what is not.
"""
