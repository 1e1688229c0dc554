package schema

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"qmpmigrate/qapi/scalar"
)

// number reads a whole number: "5", "-1", "0x10", "1G", "1.5M".
func number(text string) (any, error) {
	if strings.HasPrefix(text, "-") {
		n, err := scalar.Int(text)
		return n, worded(text, err)
	}
	n, err := scalar.Size(text)
	return n, worded(text, err)
}

func worded(text string, err error) error {
	switch {
	case errors.Is(err, scalar.ErrRange):
		return fmt.Errorf("'%s' is out of range", text)
	case err != nil:
		return fmt.Errorf("'%s' is not a whole number or a size", text)
	}
	return nil
}

// Size reads what a size may be written as, "100M", in bytes.
func Size(text string) (int64, error) {
	n, err := scalar.Size(text)
	if err == nil && n > math.MaxInt64 {
		err = scalar.ErrRange
	}
	return int64(n), worded(text, err)
}
