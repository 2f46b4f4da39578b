"""The door for WPS 1.0.0 clients. May import the engine and the domain, PyWPS, lxml and werkzeug.

In here the standard's words hold: a process is a method, a job a computation.
"""
