"""The pages of accounts: one's own, the people of an organisation, invitations and forgotten passwords."""
