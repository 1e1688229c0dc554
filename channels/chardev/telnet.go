package chardev

import (
	"net"
)

// The bytes of telnet (RFC 854).
const (
	telnetSE   = 240 // end of a sub-negotiation
	telnetSB   = 250 // its begin
	telnetWill = 251
	telnetDo   = 253
	telnetDont = 254
	telnetIAC  = 255 // what follows is a command

	optionBinary   = 0
	optionEcho     = 1
	optionSuppress = 3 // no go-ahead after each line
)

// telnetOffer asks a client for single bytes without echo.
func telnetOffer() []byte {
	return []byte{
		telnetIAC, telnetWill, optionEcho,
		telnetIAC, telnetWill, optionSuppress,
		telnetIAC, telnetWill, optionBinary,
		telnetIAC, telnetDo, optionBinary,
	}
}

// telnet takes the commands of a telnet client out of what is read. Answers to the offer need no further answer.
type telnet struct {
	net.Conn
	decoder telnetDecoder
}

// negotiateTelnet sends the offer, which a fresh connection takes without waiting.
func negotiateTelnet(conn net.Conn) (*telnet, error) {
	if _, err := conn.Write(telnetOffer()); err != nil {
		return nil, err
	}
	return &telnet{Conn: conn}, nil
}

func (t *telnet) Read(p []byte) (int, error) {
	for {
		n, err := t.Conn.Read(p)
		if n = len(t.decoder.decode(p[:n])); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// telnetDecoder is where in a command a stream is.
type telnetDecoder struct{ state telnetState }

type telnetState uint8

const (
	telnetData      telnetState = iota
	telnetCommand               // after IAC
	telnetOption                // after IAC WILL, WONT, DO or DONT
	telnetSub                   // in a sub-negotiation
	telnetSubEscape             // in it, after IAC
)

// decode returns the data in p, which it overwrites.
func (d *telnetDecoder) decode(p []byte) []byte {
	data := p[:0]
	for _, b := range p {
		switch d.state {
		case telnetData:
			if b == telnetIAC {
				d.state = telnetCommand
			} else {
				data = append(data, b)
			}
		case telnetCommand:
			d.state = telnetData
			switch {
			case b == telnetIAC: // an escaped byte of data
				data = append(data, b)
			case b == telnetSB:
				d.state = telnetSub
			case b >= telnetWill && b <= telnetDont:
				d.state = telnetOption
			}
		case telnetOption:
			d.state = telnetData
		case telnetSub:
			if b == telnetIAC {
				d.state = telnetSubEscape
			}
		case telnetSubEscape:
			d.state = telnetSub
			if b == telnetSE {
				d.state = telnetData
			}
		}
	}
	return data
}
