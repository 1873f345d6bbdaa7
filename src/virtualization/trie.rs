//! The trie of all tools' token sequences.

use crate::backend::BitMask;

/// Which tool tokens may follow which, and which tool a sequence names.
///
/// ```
/// use toolgen::virtualization::Trie;
/// let trie = Trie::new(4, &[vec![0, 2], vec![0, 3], vec![1]]);
/// assert_eq!(trie.allowed(&[]).unwrap().iter().collect::<Vec<_>>(), [0, 1]);
/// assert_eq!(trie.allowed(&[0]).unwrap().iter().collect::<Vec<_>>(), [2, 3]);
/// assert_eq!(trie.tool(&[0, 3]), Some(1));
/// assert_eq!(trie.allowed(&[2]), None); // no tool begins so
/// assert_eq!((trie.only_next(&[]), trie.depth()), (None, 2));
/// ```
#[derive(Clone, Debug)]
pub struct Trie {
    tool_tokens: usize,
    nodes: Vec<Node>,
    /// The tokens that a sequence may begin with.
    first: BitMask,
    depth: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Token and node, by rising token: sequences mostly come in that order, so most are appended.
    children: Vec<(u32, usize)>,
    tool: Option<usize>,
}

impl Node {
    /// The child under `token`, or the place among the children where it belongs.
    fn find(&self, token: u32) -> Result<usize, usize> {
        if self.children.last().is_none_or(|&(last, _)| last < token) {
            return Err(self.children.len());
        }
        let place = self.children.binary_search_by_key(&token, |&(token, _)| token);
        place.map(|place| self.children[place].1)
    }
}

impl Trie {
    /// The trie of `sequences` over `tool_tokens` tokens; sequence *i* names tool *i*.
    pub fn new(tool_tokens: usize, sequences: &[Vec<u32>]) -> Self {
        let sequences = sequences.iter().map(Vec::as_slice).enumerate();
        Self::of(tool_tokens, sequences)
    }

    /// The trie of some of its tools; they keep their numbers.
    ///
    /// ```
    /// use toolgen::virtualization::Trie;
    /// let trie = Trie::new(4, &[vec![0, 2], vec![0, 3], vec![1]]).only(&[1]);
    /// assert_eq!((trie.tool(&[0, 3]), trie.tool(&[1])), (Some(1), None));
    /// assert_eq!(trie.only_next(&[]), Some(0));
    /// ```
    pub fn only(&self, tools: &[usize]) -> Self {
        let mut sequences: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut open = vec![(0, Vec::new())];
        while let Some((at, prefix)) = open.pop() {
            let node = &self.nodes[at];
            for &(token, child) in &node.children {
                open.push((child, [prefix.as_slice(), &[token]].concat()));
            }
            if let Some(tool) = node.tool.filter(|tool| tools.contains(tool)) {
                sequences.push((tool, prefix));
            }
        }
        sequences.sort_by(|(_, a), (_, b)| a.cmp(b));
        let sequences = sequences.iter().map(|(tool, sequence)| (*tool, sequence.as_slice()));
        Self::of(self.tool_tokens, sequences)
    }

    fn of<'a>(tool_tokens: usize, sequences: impl Iterator<Item = (usize, &'a [u32])>) -> Self {
        let mut nodes = vec![Node::default()];
        let mut depth = 0;
        for (tool, sequence) in sequences {
            let mut at = 0;
            for &token in sequence {
                let next = nodes.len();
                at = match nodes[at].find(token) {
                    Ok(child) => child,
                    Err(place) => {
                        nodes[at].children.insert(place, (token, next));
                        nodes.push(Node::default());
                        next
                    }
                };
            }
            nodes[at].tool = Some(tool);
            depth = depth.max(sequence.len());
        }
        let first = BitMask::of(tool_tokens, nodes[0].children.iter().map(|&(token, _)| token));
        Self { tool_tokens, nodes, first, depth }
    }

    /// The tokens that may follow `prefix`; `None` when no tool's sequence begins with it.
    pub fn allowed(&self, prefix: &[u32]) -> Option<BitMask> {
        if prefix.is_empty() {
            return Some(self.first.clone());
        }
        let children = &self.node(prefix)?.children;
        Some(BitMask::of(self.tool_tokens, children.iter().map(|&(token, _)| token)))
    }

    /// The tool whose whole sequence this is.
    pub fn tool(&self, sequence: &[u32]) -> Option<usize> {
        self.node(sequence)?.tool
    }

    /// The one token that must follow `prefix`, where there is no choice.
    pub fn only_next(&self, prefix: &[u32]) -> Option<u32> {
        match self.node(prefix)?.children.as_slice() {
            &[(token, _)] => Some(token),
            _ => None,
        }
    }

    /// Whether some tool's sequence begins with `prefix`, or is it.
    pub fn contains(&self, prefix: &[u32]) -> bool {
        self.node(prefix).is_some()
    }

    /// Tokens of the longest sequence.
    pub fn depth(&self) -> usize {
        self.depth
    }

    fn node(&self, prefix: &[u32]) -> Option<&Node> {
        let step =
            |node: &Node, &token: &u32| node.find(token).ok().map(|child| &self.nodes[child]);
        prefix.iter().try_fold(&self.nodes[0], step)
    }
}
