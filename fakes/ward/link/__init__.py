"""連携サーバ, one for each town: says to jlis what the town's systems want said, and brings them what jlis has."""
