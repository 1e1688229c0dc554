package qobject

// token takes the next token of the stream, watches the limits, and emits the value that it completes. A value is
// complete when no brace or bracket is open any more, or when one is closed that was not open; only then its first
// error is told.
func (p *Parser) token(kind tokenKind, text []byte, emit func(v any, err error)) {
	switch kind {
	case tokenBad:
		p.finishValue(strayError(text), emit)
		return
	case '{':
		p.braces++
	case '}':
		p.braces--
	case '[':
		p.brackets++
	case ']':
		p.brackets--
	}
	switch {
	case p.size+len(text)+1 > maxTokenBytes:
		p.finishValue(limitError("token size"), emit)
		return
	case p.tokens+1 > maxTokens:
		p.finishValue(limitError("token count"), emit)
		return
	case p.braces+p.brackets > maxNesting:
		p.finishValue(limitError("nesting depth"), emit)
		return
	}
	p.size += len(text)
	p.tokens++
	p.build(kind, text)
	if p.braces >= 0 && p.brackets >= 0 && p.braces+p.brackets > 0 {
		return
	}
	p.finishValue(nil, emit)
}

// finishValue emits err, or what was built when err is nil, and is ready for the next value before emit runs.
func (p *Parser) finishValue(err *ParseError, emit func(v any, err error)) {
	v, syntax := p.take()
	p.braces, p.brackets, p.tokens, p.size = 0, 0, 0, 0
	switch {
	case err != nil:
		emit(nil, err)
	case syntax != nil:
		emit(nil, syntax)
	default:
		emit(v, nil)
	}
}
