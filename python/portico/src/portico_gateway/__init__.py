"""The Portico gateway as a Python package: the ``portico`` command, and the Node.js program that it runs.

A package beside ``portico``, so that the command starts without importing what apps need. The program itself is in
``program/`` of a wheel, put there by ``scripts/wheel.mjs`` of the repository.
"""
