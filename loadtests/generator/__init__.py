"""What runs inside Locust: arrivals at their due times, one copy of every call, and what each worker leaves behind."""
