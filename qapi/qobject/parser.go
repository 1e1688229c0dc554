package qobject

// Parser reads a stream of values, cut into pieces at any byte. The zero Parser is ready for use.
//
// After an error it goes on by QEMU's rules: a byte that fits nowhere drops the value so far and what follows until a
// structural or control byte; a wrong order of tokens is reported when the braces and brackets are balanced again.
type Parser struct {
	state   lexState
	quote   byte
	partial []byte // the current token, as far as earlier pieces held it

	braces, brackets int // open ones
	tokens, size     int // of the current value
	builder
}

// Feed reads the next piece of the stream and calls emit for each value that ends in it and each error (a
// *ParseError, with v nil). A number or word at top level is complete only when the byte after it was read.
// The data is not kept. emit must not call methods of p, Recycle aside.
func (p *Parser) Feed(data []byte, emit func(v any, err error)) {
	for {
		switch p.state {
		case lexStart:
			for len(data) > 0 && isBlank(data[0]) {
				data = data[1:]
			}
		case lexRecovery:
			for len(data) > 0 && !endsRecovery(data[0]) {
				data = data[1:]
			}
			if len(data) > 0 {
				p.state = lexStart
				continue
			}
		}
		if len(data) == 0 {
			return
		}
		window := data[:min(len(data), maxTokenBytes+1-len(p.partial))]
		n, kind := p.scan(window)
		text := data[:n]
		data = data[n:]
		if kind == tokenNone || len(p.partial) > 0 {
			p.partial = append(p.partial, text...)
			text = p.partial
		}
		switch {
		case kind != tokenNone:
			p.finishToken(kind, text, emit)
		case len(p.partial) > maxTokenBytes:
			p.state = lexStart
			p.dropPartial()
			p.finishValue(limitError("token size"), emit)
		}
	}
}

// Recycle gives an object back that Feed emitted and nobody holds any more, so that the next one needs no memory of its
// own. What was in it may still be held. emit may call it.
func (p *Parser) Recycle(d *Dict) {
	if d.recycle() {
		p.spare = d
	}
}

// Reset forgets everything read so far, as for a new peer.
func (p *Parser) Reset() {
	p.state = lexStart
	p.dropPartial()
	_, _ = p.take()
	p.braces, p.brackets, p.tokens, p.size = 0, 0, 0, 0
}

// finish ends the stream: what is unfinished becomes a value if it can, else an error.
func (p *Parser) finish(emit func(v any, err error)) {
	if p.state != lexStart && p.state != lexRecovery {
		p.finishToken(p.ended(), p.partial, emit)
	}
	if p.tokens > 0 {
		p.syntaxError("premature EOI")
		p.finishValue(nil, emit)
	}
	p.Reset()
}

func (p *Parser) finishToken(kind tokenKind, text []byte, emit func(v any, err error)) {
	p.state = lexStart
	if kind == tokenBad {
		p.state = lexRecovery
	}
	p.token(kind, text, emit)
	p.dropPartial()
}

func (p *Parser) dropPartial() {
	if cap(p.partial) > keepScratch {
		p.partial = nil
	}
	p.partial = p.partial[:0]
}

// Parse reads text that must be exactly one value.
func Parse(text string) (any, error) {
	var (
		p      Parser
		result any
		failed error
	)
	take := func(v any, err error) {
		switch {
		case failed != nil:
		case result != nil:
			result, failed = nil, &ParseError{"Expecting at most one JSON value"}
		default:
			result, failed = v, err
		}
	}
	p.Feed([]byte(text), take)
	p.finish(take)
	if result == nil && failed == nil {
		failed = &ParseError{"Expecting a JSON value"}
	}
	return result, failed
}
