package chardev

// muxEscape begins the commands of a shared device: C-a.
const muxEscape = 1

const muxHelp = "\n\r" +
	"C-a h    print this help\n\r" +
	"C-a x    exit emulator\n\r" +
	"C-a s    save disk data back to file (if -snapshot)\n\r" +
	"C-a t    toggle console timestamps\n\r" +
	"C-a b    send break (magic sysrq)\n\r" +
	"C-a c    switch between console and monitor\n\r" +
	"C-a C-a  sends C-a\n\r"

// keyAction is what a key means on a shared device.
type keyAction int

const (
	keyData   keyAction = iota // it is for the front end
	keyNone                    // nothing, or nothing yet
	keyHelp                    // show the keys
	keyQuit                    // end the process
	keySwitch                  // the next front end gets the focus
	keyStamp                   // show the time before each line, or not any more
)

// muxKeys recognizes commands among what is typed.
type muxKeys struct{ escaped bool }

// press takes a key, and returns the one that is for the front end with keyData.
func (k *muxKeys) press(b byte) (keyAction, byte) {
	if !k.escaped {
		k.escaped = b == muxEscape
		if k.escaped {
			return keyNone, 0
		}
		return keyData, b
	}
	k.escaped = false
	switch b {
	case muxEscape:
		return keyData, b
	case '?', 'h':
		return keyHelp, 0
	case 'x':
		return keyQuit, 0
	case 'c':
		return keySwitch, 0
	case 't':
		return keyStamp, 0
	}
	return keyNone, 0
}
