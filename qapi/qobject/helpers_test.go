package qobject

// outcome is what a Parser emitted: `= ` and the value in compact form, or `! ` and the error.
func outcome(v any, err error) string {
	if err != nil {
		return "! " + err.Error()
	}
	return "= " + string(Append(nil, v))
}

// feed runs text through p, cut into pieces of the given size (0: one piece).
func feed(p *Parser, text string, piece int) []string {
	var got []string
	emit := func(v any, err error) { got = append(got, outcome(v, err)) }
	data := []byte(text)
	if piece == 0 {
		piece = max(len(data), 1)
	}
	for len(data) > 0 {
		n := min(piece, len(data))
		chunk := append([]byte(nil), data[:n]...)
		p.Feed(chunk, emit)
		for i := range chunk { // a parser that keeps the data would see this
			chunk[i] = '#'
		}
		data = data[n:]
	}
	return got
}
