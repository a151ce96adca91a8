"""How gunicorn serves what the portal is compared with: two processes, and nothing of the portal's."""

worker_class = "gthread"
workers = 2
threads = 8
keepalive = 15
control_socket_disable = True
