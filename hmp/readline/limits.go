package readline

const (
	maxLine       = 4095 // bytes; what is typed beyond is ignored
	maxHistory    = 64   // lines
	maxCandidates = 256  // of a completion

	screenWidth = 80 // columns that lists of candidates fit into
)
