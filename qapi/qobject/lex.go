package qobject

// tokenKind is what the lexer found; punctuation is its own byte.
type tokenKind byte

const (
	tokenNone    tokenKind = 0 // the input ends inside the token
	tokenBad     tokenKind = 1 // the last byte cannot follow
	tokenString  tokenKind = '"'
	tokenInteger tokenKind = '0'
	tokenFloat   tokenKind = '.'
	tokenKeyword tokenKind = 'k'
)

// lexState is the place inside a token.
type lexState byte

const (
	lexStart        lexState = iota
	lexRecovery              // after a bad byte, until something that may begin afresh
	lexString                // inside quotes; Parser.quote tells which
	lexEscape                // after a backslash in a string
	lexSign                  // after a minus sign
	lexZero                  // after a leading zero
	lexDigits                // in the integer part
	lexPoint                 // after the decimal point
	lexFraction              // in the digits after the point
	lexExponent              // after e
	lexExponentSign          // after the sign of the exponent
	lexPower                 // in the digits of the exponent
	lexKeyword               // in a lower-case word
)

// scan goes on with the current token over data, which is not empty and, in lexStart, does not begin with a blank.
// It returns how many bytes belong to the token; a bad byte belongs to it, the byte after a number or word does not.
func (p *Parser) scan(data []byte) (n int, kind tokenKind) {
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch p.state {
		case lexStart:
			if kind := p.begin(c); kind != tokenNone {
				return i + 1, kind
			}
		case lexString:
			for c != p.quote && c != '\\' && c >= 0x20 && c < 0xfe {
				if i++; i == len(data) {
					return i, tokenNone
				}
				c = data[i]
			}
			switch c {
			case p.quote:
				return i + 1, tokenString
			case '\\':
				p.state = lexEscape
			default:
				return i + 1, tokenBad
			}
		case lexEscape:
			if c < 0x20 || c >= 0xfe {
				return i + 1, tokenBad
			}
			p.state = lexString
		case lexKeyword:
			if c < 'a' || c > 'z' {
				return i, tokenKeyword
			}
		default:
			switch kind := p.number(c); kind {
			case tokenNone:
			case tokenBad:
				return i + 1, tokenBad
			default:
				return i, kind
			}
		}
	}
	return len(data), tokenNone
}

// begin takes the first byte of a token.
func (p *Parser) begin(c byte) tokenKind {
	switch {
	case c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',':
		return tokenKind(c)
	case c == '"' || c == '\'':
		p.state, p.quote = lexString, c
	case c >= 'a' && c <= 'z':
		p.state = lexKeyword
	case c == '0':
		p.state = lexZero
	case c >= '1' && c <= '9':
		p.state = lexDigits
	case c == '-':
		p.state = lexSign
	default:
		return tokenBad
	}
	return tokenNone
}

// number takes a further byte of a number. An exponent directly after a leading zero is not part of it, as in QEMU.
func (p *Parser) number(c byte) tokenKind {
	digit := c >= '0' && c <= '9'
	switch p.state {
	case lexSign:
		switch {
		case c == '0':
			p.state = lexZero
			return tokenNone
		case digit:
			p.state = lexDigits
			return tokenNone
		}
	case lexZero:
		switch {
		case c == '.':
			p.state = lexPoint
			return tokenNone
		case !digit:
			return tokenInteger
		}
	case lexDigits, lexFraction:
		switch {
		case digit:
			return tokenNone
		case c == 'e' || c == 'E':
			p.state = lexExponent
			return tokenNone
		case c == '.' && p.state == lexDigits:
			p.state = lexPoint
			return tokenNone
		}
		return p.ended()
	case lexPoint:
		if digit {
			p.state = lexFraction
			return tokenNone
		}
	case lexExponent, lexExponentSign:
		switch {
		case digit:
			p.state = lexPower
			return tokenNone
		case p.state == lexExponent && (c == '+' || c == '-'):
			p.state = lexExponentSign
			return tokenNone
		}
	case lexPower:
		if digit {
			return tokenNone
		}
		return tokenFloat
	}
	return tokenBad
}

// ended tells what the token so far is if no further byte belongs to it; tokenBad when it is not whole.
func (p *Parser) ended() tokenKind {
	switch p.state {
	case lexZero, lexDigits:
		return tokenInteger
	case lexFraction, lexPower:
		return tokenFloat
	case lexKeyword:
		return tokenKeyword
	}
	return tokenBad
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

// endsRecovery tells whether c, met after a bad byte, is read again as the start of something new.
func endsRecovery(c byte) bool {
	switch c {
	case '{', '}', '[', ']', ':', ',':
		return true
	case '\t':
		return false
	}
	return c < 0x20 || c >= 0xfe
}
