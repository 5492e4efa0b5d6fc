"""The package of one application: a ZIP of two XML forms and attachments, built by clients and read by the portal.

Layout as a public client of the trial writes it (interfaces are not published; ids and limits are assumptions, each in
one place): `forms` has the items, `archive` the limits of the ZIP, `building` writes and `reading` reads.
"""
