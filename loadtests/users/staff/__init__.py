"""The towns' staff: they review, accept or return, enter moves into the register, prepare visits, serve the counter."""
