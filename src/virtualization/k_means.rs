//! k-means: Lloyd's iterations from k-means++ seeds.
//!
//! Lloyd: <https://doi.org/10.1109/TIT.1982.1056489>; k-means++: Arthur and Vassilvitskii, "k-means++: The
//! Advantages of Careful Seeding", 2007. Small and plain: a few thousand points, the same result
//! everywhere for the same `random`.

use rand::Rng;
use rand::rngs::StdRng;

/// Iterations after which it stops in any case.
const ITERATIONS: usize = 50;

/// The cluster, below `k`, of each of `points`, which have one width. Fewer than `k` clusters may come
/// out: as many as there are distinct points, at most.
pub fn k_means(points: &[&[f32]], k: usize, random: &mut StdRng) -> Vec<usize> {
    let mut centers = seeds(points, k, random);
    let mut clusters = vec![usize::MAX; points.len()];
    for _ in 0..ITERATIONS {
        let nearest: Vec<usize> = points.iter().map(|point| nearest(point, &centers).0).collect();
        if nearest == clusters {
            break;
        }
        clusters = nearest;
        for (index, center) in centers.iter_mut().enumerate() {
            let own = || points.iter().zip(&clusters).filter(|&(_, &cluster)| cluster == index);
            let count = own().count();
            if count > 0 {
                center.fill(0.0);
                own().for_each(|(point, _)| {
                    center
                        .iter_mut()
                        .zip(*point)
                        .for_each(|(c, &x)| *c += f64::from(x) / count as f64);
                });
            }
        }
    }
    clusters
}

/// Centers drawn from the points, each with a probability in proportion to its squared distance from
/// those before.
fn seeds(points: &[&[f32]], k: usize, random: &mut StdRng) -> Vec<Vec<f64>> {
    let center = |point: &[f32]| point.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let Some(last) = points.len().checked_sub(1) else { return Vec::new() };
    let mut centers = vec![center(points[random.random_range(0..=last)])];
    while centers.len() < k {
        let distances: Vec<f64> = points.iter().map(|point| nearest(point, &centers).1).collect();
        let total: f64 = distances.iter().sum();
        if total <= 0.0 {
            break; // every point is a center
        }
        let mut at = random.random::<f64>() * total;
        let drawn = distances.iter().position(|distance| {
            at -= distance;
            at < 0.0
        });
        centers.push(center(points[drawn.unwrap_or(last)]));
    }
    centers
}

/// The nearest center and its squared distance.
fn nearest(point: &[f32], centers: &[Vec<f64>]) -> (usize, f64) {
    let distance = |center: &Vec<f64>| -> f64 {
        point.iter().zip(center).map(|(&x, c)| (f64::from(x) - c).powi(2)).sum()
    };
    let distances = centers.iter().map(distance).enumerate();
    distances.min_by(|a, b| a.1.total_cmp(&b.1)).expect("there is a center")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn points() -> Vec<Vec<f32>> {
        // Three groups of ten around far corners.
        let noise = |i: usize| (i * 7919 % 100) as f32 / 100.0;
        (0..30)
            .map(|i| vec![(i % 3) as f32 * 10.0 + noise(i), noise(i + 31), noise(i + 62)])
            .collect()
    }

    #[test]
    fn groups_are_found_and_a_seed_gives_the_same_again() {
        let points = points();
        let points: Vec<&[f32]> = points.iter().map(Vec::as_slice).collect();
        for seed in 0..8 {
            let clusters = k_means(&points, 3, &mut StdRng::seed_from_u64(seed));
            assert!((0..30).all(|i| clusters[i] == clusters[i % 3]), "{clusters:?}");
            assert_ne!(clusters[0], clusters[1]);
            assert_eq!(clusters, k_means(&points, 3, &mut StdRng::seed_from_u64(seed)));
        }
    }

    #[test]
    fn few_distinct_points_make_few_clusters() {
        let point: &[f32] = &[1.0, 2.0];
        assert_eq!(k_means(&[point; 5], 3, &mut StdRng::seed_from_u64(1)), [0; 5]);
        assert!(k_means(&[], 3, &mut StdRng::seed_from_u64(1)).is_empty());
    }
}
