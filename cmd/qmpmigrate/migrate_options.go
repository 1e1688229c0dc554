package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"qmpmigrate/cmd/qmpmigrate/conduct"
	"qmpmigrate/cmd/qmpmigrate/schema"
)

// migrateOptions are the verb's command line.
type migrateOptions struct {
	from, to                string
	uri, sourceURI          string
	settings                []string // see conduct.Options.Set
	postcopy                *conduct.Postcopy
	timeout                 time.Duration
	json, quiet, keep, help bool
}

func parseMigrate(args []string) (*migrateOptions, error) {
	o := &migrateOptions{}
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.from, "from", "", "")
	flags.StringVar(&o.to, "to", "", "")
	flags.StringVar(&o.uri, "uri", "", "")
	flags.StringVar(&o.sourceURI, "source-uri", "", "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.quiet, "quiet", false, "")
	flags.BoolVar(&o.keep, "keep-destination", false, "")
	flags.Func("set", "", o.set)
	flags.Func("bandwidth", "", o.bandwidth)
	flags.Func("downtime", "", o.downtime)
	flags.Func("multifd", "", o.multifd)
	flags.Func("postcopy-after", "", o.postcopyAfter)
	flags.Func("timeout", "", func(text string) (err error) {
		o.timeout, err = parseTime(text)
		if err == nil && o.timeout == 0 {
			err = errors.New("it must be more than 0")
		}
		return err
	})
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		o.help = true
		return o, nil
	case err != nil:
		return nil, err
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %s", flags.Arg(0))
	case o.from == "":
		return nil, errors.New("--from is missing")
	case o.to == "":
		return nil, errors.New("--to is missing")
	case o.from == o.to:
		return nil, errors.New("--from and --to are the same")
	}
	return o, nil
}

func (o *migrateOptions) set(text string) error {
	if name, _, _ := strings.Cut(text, "="); name == "" {
		return errors.New("NAME or NAME=VALUE is expected")
	}
	o.settings = append(o.settings, text)
	return nil
}

func (o *migrateOptions) bandwidth(text string) error {
	n, err := schema.Size(text)
	o.settings = append(o.settings, fmt.Sprintf("max-bandwidth=%d", n))
	return err
}

func (o *migrateOptions) downtime(text string) error {
	d, err := parseTime(text)
	if err == nil && d%time.Millisecond != 0 {
		err = errors.New("whole milliseconds are expected")
	}
	o.settings = append(o.settings, fmt.Sprintf("downtime-limit=%d", d.Milliseconds()))
	return err
}

func (o *migrateOptions) multifd(text string) error {
	if n, err := strconv.ParseUint(text, 10, 16); err != nil || n == 0 {
		return errors.New("a number of connections is expected")
	}
	o.settings = append(o.settings, "multifd", "multifd-channels="+text)
	return nil
}

func (o *migrateOptions) postcopyAfter(text string) error {
	o.postcopy = &conduct.Postcopy{}
	o.settings = append(o.settings, "postcopy-ram")
	if pass, ok := strings.CutPrefix(text, "pass:"); ok {
		n, err := strconv.ParseInt(pass, 10, 64)
		if err != nil || n < 1 {
			return errors.New("pass:N with N from 1 is expected")
		}
		o.postcopy.Pass = n
		return nil
	}
	d, err := parseTime(text)
	o.postcopy.After = d
	return err
}

// parseTime reads a time that is not negative.
func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, errors.New("a time as 300ms, 5s or 2m is expected")
	}
	return d, nil
}
