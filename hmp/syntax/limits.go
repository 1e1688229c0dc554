package syntax

const (
	maxName  = 255  // bytes of a command's name that count, as in QEMU
	maxWord  = 1023 // bytes of a word that are kept, as in QEMU
	maxDepth = 1000 // parentheses and signs around each other in an expression; QEMU's end with its stack
)
