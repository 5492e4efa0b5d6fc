"""The towns' link servers (連携サーバ), as the generator plays them."""
