"""Starting and stopping the servers: settings in, processes that listen on loopback out."""
