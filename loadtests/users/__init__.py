"""Who calls: applicants, the towns' link servers, their staff, auditors; each a user class of Locust."""
