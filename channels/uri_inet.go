package channels

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parseInet reads `[HOST]:PORT[,OPTION]...`, HOST being in brackets when it holds colons.
func parseInet(text string) (Address, error) {
	var a InetAddress
	var rest string
	var ok bool
	switch {
	case strings.HasPrefix(text, ":"):
		if a.Port, rest, ok = cutPort(text[1:]); !ok {
			return Address{}, fmt.Errorf("error parsing port in address '%s'", text)
		}
	case strings.HasPrefix(text, "["):
		a.Host, rest, ok = strings.Cut(text[1:], "]:")
		if ok = ok && validHost(a.Host, "]"); ok {
			a.Port, rest, ok = cutPort(rest)
		}
		if !ok {
			return Address{}, fmt.Errorf("error parsing IPv6 address '%s'", text)
		}
	default:
		a.Host, rest, ok = strings.Cut(text, ":")
		if ok = ok && validHost(a.Host, ""); ok {
			a.Port, rest, ok = cutPort(rest)
		}
		if !ok {
			return Address{}, fmt.Errorf("error parsing address '%s'", text)
		}
	}
	if err := a.parseOptions(rest); err != nil {
		return Address{}, err
	}
	return Address{Transport: TransportSocket, Type: SocketInet, Inet: a}, nil
}

func validHost(host, without string) bool {
	return host != "" && len(host) <= maxHost && (without == "" || !strings.Contains(host, without))
}

// cutPort splits off the options, which begin with a comma or are empty.
func cutPort(text string) (port, options string, ok bool) {
	end := strings.IndexByte(text, ',')
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:], end > 0 && end <= maxPort
}

// parseOptions looks for the options it knows anywhere in the text: what it does not know is passed over, as QEMU does.
func (a *InetAddress) parseOptions(options string) error {
	if _, value, found := strings.Cut(options, ",to="); found {
		value, _, _ = strings.Cut(value, ",")
		to, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return errors.New("error parsing to= argument")
		}
		a.HasTo, a.To = true, uint16(to)
	}
	for _, o := range [...]struct {
		name string
		flag *Flag
	}{{"ipv4", &a.IPv4}, {"ipv6", &a.IPv6}, {"keep-alive", &a.KeepAlive}} {
		_, value, found := strings.Cut(options, ","+o.name)
		if !found {
			continue
		}
		var err error
		if *o.flag, err = parseFlag(o.name, value); err != nil {
			return err
		}
	}
	return nil
}

// parseFlag reads what follows an option's name: nothing, `=on` or `=off`, up to a single comma.
func parseFlag(name, rest string) (Flag, error) {
	value, after, more := strings.Cut(rest, ",")
	if !more || !strings.HasPrefix(after, ",") {
		switch value {
		case "", "=on":
			return FlagOn, nil
		case "=off":
			return FlagOff, nil
		}
	}
	return FlagUnset, fmt.Errorf("error parsing '%s' flag '%s'", name, rest)
}
