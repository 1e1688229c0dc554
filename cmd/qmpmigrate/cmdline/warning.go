package cmdline

// Level says how a message that does not end the process is introduced.
type Level string

// The levels of a Warning.
const (
	LevelWarning Level = "warning: " // something deprecated or without effect
	LevelInfo    Level = "info: "    // nothing wrong
	LevelError   Level = ""          // something refused that was not vital, such as the first of several accelerators
)

// Warning is a message that goes to stderr while the process goes on.
type Warning struct {
	Origin
	Level Level
	Text  string
	Hints []string // lines that follow Text, printed without prefix
}

// Render returns all lines as they go to stderr; see Error.Render for prog.
func (w Warning) Render(prog string) string {
	return render(w.prefix(prog)+string(w.Level), w.Text, w.Hints)
}
