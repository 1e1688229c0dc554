package monitor

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// ParseAddress splits the address of a QMP server: "unix:PATH", "tcp:HOST:PORT",
// "HOST:PORT" or a PATH. Where a PATH looks like HOST:PORT it needs its "unix:"
// or a slash.
func ParseAddress(address string) (network, where string, err error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		address = path
	} else if where, ok = strings.CutPrefix(address, "tcp:"); ok {
		if _, _, err := net.SplitHostPort(where); err != nil {
			return "", "", fmt.Errorf("QMP address '%s': %w", address, err)
		}
		return "tcp", where, nil
	} else if isHostPort(address) {
		return "tcp", address, nil
	}
	if address == "" {
		return "", "", errors.New("the address of a QMP server is empty")
	}
	return "unix", address, nil
}

func isHostPort(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil || strings.Contains(address, "/") {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}
