//! Calls: recursion, and trees built by it.

use std::hint::black_box;

pub fn ackermann() -> i64 {
    fn ackermann(m: i32, n: i32) -> i32 {
        match (m, n) {
            (0, n) => n + 1,
            (m, 0) => ackermann(m - 1, 1),
            (m, n) => ackermann(m - 1, ackermann(m, n - 1)),
        }
    }
    ackermann(black_box(3), black_box(7)).into()
}

pub fn fibonacci() -> i64 {
    fn fibonacci(n: i32) -> i32 {
        if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
    }
    fibonacci(black_box(28)).into()
}

pub fn tak() -> i64 {
    fn tak(x: i32, y: i32, z: i32) -> i32 {
        if y >= x { z } else { tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) }
    }
    let (x, y) = black_box((18, 12));
    (0..8).fold(0, |sum: i64, round| sum * 31 + i64::from(tak(x, y, round + 4)))
}

/// Trees of nodes that are numbered from 1; 0 is none.
struct Trees {
    /// Left and right of each node; of a free one, the next that is free.
    nodes: Vec<[u32; 2]>,
    used: u32,
    free: u32,
}

impl Trees {
    fn allocate(&mut self, left: u32, right: u32) -> u32 {
        let mut node = self.free;
        if node != 0 {
            self.free = self.nodes[node as usize][0];
        } else {
            node = self.used + 1;
            self.used = node;
        }
        self.nodes[node as usize] = [left, right];
        node
    }

    fn build(&mut self, depth: u32) -> u32 {
        if depth == 0 {
            return self.allocate(0, 0);
        }
        let (left, right) = (self.build(depth - 1), self.build(depth - 1));
        self.allocate(left, right)
    }

    fn count(&self, node: u32) -> u32 {
        match self.nodes[node as usize] {
            [0, _] => 1,
            [left, right] => self.count(left) + self.count(right) + 1,
        }
    }

    fn release(&mut self, node: u32) {
        let [left, right] = self.nodes[node as usize];
        if left != 0 {
            self.release(left);
            self.release(right);
        }
        self.nodes[node as usize][0] = self.free;
        self.free = node;
    }
}

pub fn binary_trees() -> i64 {
    let deepest = black_box(13);
    let mut trees = Trees { nodes: vec![[0; 2]; 32768], used: 0, free: 0 };
    let kept = trees.build(deepest);
    let mut sum = 0_i64;
    for depth in (4..=deepest).step_by(2) {
        for _ in 0..1 << (deepest - depth) {
            let tree = trees.build(depth);
            sum = sum.wrapping_mul(3).wrapping_add(trees.count(tree).into());
            trees.release(tree);
        }
    }
    sum.wrapping_mul(100_000).wrapping_add(trees.count(kept).into())
}
