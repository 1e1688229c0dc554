package syntax

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"qmpmigrate/qapi/scalar"
)

// Size reads a size whose unit is MiB where there is no suffix.
func (s *Scanner) Size() (int64, error) {
	s.SkipBlanks()
	value, rest, err := scalar.CutSizeMiB(s.Rest())
	if err != nil || value > math.MaxInt64 {
		return 0, errors.New("invalid size")
	}
	s.pos = len(s.text) - len(rest)
	return int64(value), nil
}

// Seconds reads a time in seconds, or in ms, us or ns.
func (s *Scanner) Seconds() (float64, error) {
	s.SkipBlanks()
	value, length := leadingFloat(s.Rest())
	if length == 0 {
		return 0, errors.New("Number expected")
	}
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return 0, errors.New("Bad number")
	}
	s.pos += length
	if rest := s.Rest(); len(rest) > 1 && rest[1] == 's' {
		if unit, ok := map[byte]float64{'m': 1e3, 'u': 1e6, 'n': 1e9}[rest[0]]; ok {
			value /= unit
			s.pos += 2
		}
	}
	if s.pos < len(s.text) && !isSpace(s.text[s.pos]) {
		return 0, errors.New("Unknown unit suffix")
	}
	return value, nil
}

// leadingFloat reads the longest number at the beginning of text, in C's notation, and returns its length.
func leadingFloat(text string) (value float64, length int) {
	end := 0
	for end < len(text) && end < maxWord && !isSpace(text[end]) {
		end++
	}
	for ; end > 0; end-- {
		if strings.Contains(text[:end], "_") {
			continue
		}
		value, err := strconv.ParseFloat(text[:end], 64)
		if err == nil || errors.Is(err, strconv.ErrRange) {
			return value, end
		}
	}
	return 0, 0
}

// OnOff reads a switch.
func (s *Scanner) OnOff() (bool, error) {
	s.SkipBlanks()
	start := s.pos
	for s.pos < len(s.text) && !isSpace(s.text[s.pos]) {
		s.pos++
	}
	switch s.text[start:s.pos] {
	case "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, errors.New("Expected 'on' or 'off'")
}
