//! Looking into the tables past the store.

use provost_store::Location;

/// Rows of every table that has a column for a connection, a rule or a plan, by table, asked with another
/// driver: what is not thought of in the store is found here.
pub fn rows(location: &Location, connection: i64, rules: &[i64]) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for (table, column) in columns(location) {
        let list = rules
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let condition = match column.as_str() {
            "connection" => format!("connection = {connection}"),
            "rule" => format!("rule IN ({list})"),
            _ => "plan > 0".to_owned(),
        };
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {condition}");
        found.push((table, count(location, &sql)));
    }
    found
}

fn columns(location: &Location) -> Vec<(String, String)> {
    let wanted = "('connection', 'rule', 'plan')";
    let sql = match location {
        Location::Sqlite(_) => format!(
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c ON 1 = 1 \
             WHERE t.type = 'table' AND c.name IN {wanted} ORDER BY 1, 2"
        ),
        Location::Postgres(_) => format!(
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND column_name IN {wanted} ORDER BY 1, 2"
        ),
    };
    match location {
        Location::Sqlite(path) => {
            let c = rusqlite::Connection::open(path).unwrap();
            let mut statement = c.prepare(&sql).unwrap();
            let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
            rows.map(Result::unwrap).filter(belongs).collect()
        }
        Location::Postgres(url) => {
            let sql = sql.clone();
            let url = url.clone();
            let ask = move || {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
                let rows = client.query(&sql, &[]).unwrap();
                rows.iter()
                    .map(|r| (r.get(0), r.get(1)))
                    .filter(belongs)
                    .collect()
            };
            apart(ask)
        }
    }
}

/// A step of a plan is found by its plan, whose rule may be gone. A provider owns its connection, which goes with it.
fn belongs(column: &(String, String)) -> bool {
    column.0 != "microsoft_365_provider" && (column.0 != "plan_step" || column.1 == "plan")
}

fn count(location: &Location, sql: &str) -> i64 {
    match location {
        Location::Sqlite(path) => {
            let c = rusqlite::Connection::open(path).unwrap();
            c.query_row(sql, [], |r| r.get(0)).unwrap()
        }
        Location::Postgres(url) => {
            let (url, sql) = (url.clone(), sql.to_owned());
            let ask = move || {
                let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
                client.query_one(&sql, &[]).unwrap().get(0)
            };
            apart(ask)
        }
    }
}

/// Runs on a thread of its own: the PostgreSQL driver brings a runtime along.
fn apart<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().name("ask".into()).spawn(ask);
    thread.unwrap().join().unwrap()
}
