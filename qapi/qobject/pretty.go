package qobject

// AppendPretty appends compact, which must be one value in the compact form, in QEMU's pretty form: four blanks per
// level, one member per line, an empty object or array over two lines, lines parted by LF.
func AppendPretty(b, compact []byte) []byte { return AppendPrettyLines(b, compact, "\n") }

// AppendPrettyLines is AppendPretty with another end of line.
func AppendPrettyLines(b, compact []byte, newline string) []byte {
	depth := 0
	line := func() {
		b = append(b, newline...)
		for range depth {
			b = append(b, "    "...)
		}
	}
	for i := 0; i < len(compact); i++ {
		c := compact[i]
		switch c {
		case '{', '[':
			b = append(b, c)
			depth++
			if i+1 < len(compact) && (compact[i+1] == '}' || compact[i+1] == ']') {
				continue // the end starts the only new line
			}
			line()
		case '}', ']':
			depth = max(depth-1, 0)
			line()
			b = append(b, c)
		case ',':
			b = append(b, c)
			line()
			i++ // the blank
		case '"':
			end := stringEnd(compact, i)
			b = append(b, compact[i:end]...)
			i = end - 1
		default:
			b = append(b, c)
		}
	}
	return b
}

// stringEnd returns the index after the string that begins at start.
func stringEnd(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
