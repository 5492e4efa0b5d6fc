"""How fast the engines are, measured beside others on the same models. Scripts, no part of the product."""
