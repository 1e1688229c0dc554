package cmdline

// chardevSpec is what -chardev knows; the device strings of -qmp and -serial use its keys too.
func chardevSpec() *spec {
	return &spec{name: "chardev", implied: "backend", keys: []key{
		str("backend"),
		str("path"), str("input-path"),
		str("host"), str("port"), str("fd"), str("localaddr"), str("localport"),
		number("to"), boolean("ipv4"), boolean("ipv6"),
		boolean("wait"), boolean("server"),
		boolean("delay"), boolean("nodelay"),
		number("reconnect"), number("reconnect-ms"),
		boolean("telnet"), boolean("tn3270"), boolean("websocket"),
		str("tls-creds"), str("tls-authz"),
		boolean("abstract"), boolean("tight"),
		number("width"), number("height"), number("cols"), number("rows"),
		boolean("mux"), boolean("signal"),
		str("name"), number("debug"), size("size"), str("chardev"),
		boolean("append"), str("logfile"), boolean("logappend"),
	}}
}
