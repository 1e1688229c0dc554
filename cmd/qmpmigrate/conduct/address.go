package conduct

import (
	"errors"
	"fmt"
	"net"
	"strings"
)

// socketAddress is where a destination says that it listens.
type socketAddress struct {
	Type string `json:"type"`
	Host string `json:"host"`
	Port string `json:"port"`
	Path string `json:"path"`
}

// uri gives a as a migration URI, empty where it has none.
func (a socketAddress) uri() string {
	switch a.Type {
	case "inet":
		return "tcp:" + net.JoinHostPort(reachable(a.Host), a.Port)
	case "unix":
		return "unix:" + a.Path
	}
	return ""
}

// sourceURI makes of the URI at which the destination listens the one for the
// source. listening is what the destination says of itself; it knows the port
// when any was right.
func sourceURI(uri string, listening []socketAddress) (string, error) {
	kind, rest, _ := strings.Cut(uri, ":")
	switch kind {
	case "exec", "file":
		return "", fmt.Errorf("'%s' cannot be for both sides: a URI for the source is needed too", uri)
	case "tcp":
	default:
		return uri, nil
	}
	where, options, _ := strings.Cut(rest, ",") // options are the listener's
	host, port, err := net.SplitHostPort(where)
	if err != nil {
		return "", fmt.Errorf("migration URI '%s': %w", uri, err)
	}
	if port == "0" || strings.Contains(options, "to=") {
		if port = ""; len(listening) > 0 {
			port = listening[0].Port
		}
		if port == "" {
			return "", errors.New("the destination does not tell at which port it listens")
		}
	}
	return "tcp:" + net.JoinHostPort(reachable(host), port), nil
}

// reachable turns "every address of this host" into one of them.
func reachable(host string) string {
	switch host {
	case "", "0", "0.0.0.0":
		return "127.0.0.1"
	case "::":
		return "::1"
	}
	return host
}
