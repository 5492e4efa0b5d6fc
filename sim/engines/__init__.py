"""Interpreters of the program table. Every engine gives the same log for the same program."""
