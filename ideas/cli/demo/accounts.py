"""How to sign in to the demo community; printed in development, never loaded in production."""

#: One password for all accounts of the demo.
DEMO_PASSWORD = "out-on-the-water"  # noqa: S105 - public on purpose: there is nothing behind it
#: Role -> address of somebody who has it.
ADDRESSES = {
    "customer": "maren@ullen-boats.example.org",
    "product manager": "anselm@stillwake.example.com",
    "moderator": "tamsin@stillwake.example.com",
    "admin": "greta@stillwake.example.com",
}
