package hmp

import "fmt"

func printCommands() table {
	return table{{
		name: "print|p", args: parseArguments("fmt:/,val:l"), params: "/fmt expr",
		help: "print expression value (use $reg for CPU register access)", run: (*call).printValue,
	}}
}

func (c *call) printValue() error {
	value := c.args.number("val")
	switch c.args.format().Letter {
	case 'o':
		c.out.printf("%#o\n", uint64(value))
	case 'x':
		c.out.printf("%s\n", hex(uint64(value)))
	case 'u':
		c.out.printf("%d\n", uint64(value))
	case 'c':
		c.out.printf("%s\n", character(int(int32(value))))
	default:
		c.out.printf("%d\n", value)
	}
	return nil
}

// hex is a number as C's %#x writes it: 0 has no prefix.
func hex(n uint64) string {
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%#x", n)
}

// character is a byte between quotes.
func character(code int) string {
	switch code {
	case '\'':
		return `'\''`
	case '\\':
		return `'\\'`
	case '\n':
		return `'\n'`
	case '\r':
		return `'\r'`
	}
	if code >= ' ' && code <= '~' {
		return fmt.Sprintf("'%c'", rune(code))
	}
	return fmt.Sprintf(`'\x%02x'`, uint32(code))
}
