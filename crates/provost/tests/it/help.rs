use crate::run::Place;
use insta::assert_snapshot;

#[test]
fn the_first_page_shows_every_command() {
    assert_snapshot!(Place::empty().run("--help"), @r"
    Self-hosted identity provisioning hub

    Usage: provost [OPTIONS] <COMMAND>

    Commands:
      demo         See it work: a sample company goes into a simulated Microsoft 365 and into a SCIM
                   application
      init         Make the data folder with configuration, key, database and a workspace
      serve        Serve SCIM and the console, and keep every connection going
      provider     Who pushes people and groups in
      token        Tokens of inbound providers
      client       OAuth clients of inbound providers
      team         What a workspace is divided into
      schema       What the workspace keeps of people and groups beyond the standard
      person       The people of the directory: block, restore, purge
      takeover     Providers that want a person whom another one has
      request      What inbound providers sent and what it meant
      connection   The applications that people and groups are provisioned into
      rule         Who is provisioned, and with which attributes
      plan         Show what the next cycle of a connection would do; changes nothing
      cycle        Runs of a connection
      staged       Steps that the deletion guard holds until somebody decides
      explain      Everything known of a person or group: what came in, what each rule makes of it, what
                   was done
      log          What happened to each object of a connection, newest first
      audit        Who did what in Provost
      config       The configuration file
      sim          Systems to try Provost with
      scim         SCIM servers, our own and others
      completions  Print a completion script for a shell

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 the audit log is broken (audit verify).
    Standard output carries the answer alone; progress, log and errors go to standard error.
    exit 0
    ");
}

#[test]
fn the_pages_of_the_commands_that_take_most() {
    let place = Place::empty();
    assert_snapshot!(place.run("connection add --help"), @r#"
    Make a connection

    Usage: provost connection add [OPTIONS] --connector <CONNECTOR> <NAME>

    Arguments:
      <NAME>  Its name, such as "Microsoft 365"

    Options:
          --connector <CONNECTOR>       The code that speaks to the application [possible values: graph,
                                        scim]
          --setting <NAME=VALUE>        A setting of the connector, as name=value; repeatable
          --secret-env <NAME=VARIABLE>  A secret of the connector, read from an environment variable, as
                                        name=VARIABLE; repeatable
          --secret-stdin <NAME>         The name of a secret that is read from standard input
          --template <TEMPLATE>         Begin with the rules of a template [possible values:
                                        microsoft-365, scim]
      -h, --help                        Print help

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON
    exit 0
    "#);
    assert_snapshot!(place.run("provider add -h"), @r#"
    Make an inbound provider; prints its tenant URL and its token, which is shown this once

    Usage: provost provider add [OPTIONS] <NAME>

    Arguments:
      <NAME>  Its name, such as "Entra"

    Options:
          --draft              Prepare it only: its requests are answered 401 until `provost provider
                               save`
          --expires-in <TIME>  How long the token is valid: 365d, 12h, or never [default: 365d]
      -h, --help               Print help

    Settings:
          --role <ROLE>              The role that new people get: user, auditor, access-admin,
                                     provisioning-operator or configuration-admin
          --team <TEAM>              The team that new people get; `provost team add` makes one
          --no-team                  Give new people no team
          --permission <PERMISSION>  What new people may do in the team [possible values: read, write,
                                     manage, none]
          --dialect <DIALECT>        Whose habits are tolerated; detect: everybody's, and what is met is
                                     counted [possible values: strict, generic, entra,
                                     entra-scim-062020, okta, detect]
          --sheet <FILE>             Which attributes a person must have and may be filtered on: a JSON
                                     file, template:connecter, template:peripass, or none
          --takeover <RULE>          What happens when it creates a person whom another provider has
                                     [possible values: never, ask, unowned, always]
          --network <NETWORK>        A network that its requests may come from, such as 192.0.2.0/24;
                                     repeatable; any: from everywhere
          --rate <N>                 Requests a second in the long run; 0: no limit
          --burst <N>                Requests at once, before the rate holds
          --request-log <WHICH>      Which requests are kept in the request log [possible values: all,
                                     changes, failures, off]
          --log-days <DAYS>          Days that the request log is kept
          --recycle-days <DAYS>      Days that deleted people and groups can be restored
          --unknown-members <RULE>   What happens to a group's member that the provider does not have
                                     [possible values: refuse, skip]

    Everywhere:
          --data <DIR>        The data folder: configuration, key and embedded database [default:
                              provost-data]
          --workspace <NAME>  The workspace to work in; needed when there are several
          --json              Answer with JSON

    A setting that is not named: role user, no team, dialect detect, no sheet, takeover ask, network
    any, rate and burst from [limits] of the configuration, request log all for 30 days, recycle bin 30
    days, unknown members refuse.
    exit 0
    "#);
    assert_snapshot!(place.run("serve --help"), @r"
    Serve SCIM and the console, and keep every connection going

    Prints `ready URL` on standard output once requests are answered, then a link that opens the console
    once. Ctrl-C or SIGTERM ends it when the requests and cycles under way are done.

    Usage: provost serve [OPTIONS]

    Options:
          --listen <ADDR>
              The address and port to listen on, instead of the configuration's; port 0 takes a free one

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --data <DIR>
              The data folder: configuration, key and embedded database [default: provost-data]

          --workspace <NAME>
              The workspace to work in; needed when there are several

          --json
              Answer with JSON
    exit 0
    ");
    assert_snapshot!(place.run("demo --help"), @r"
    See it work: a sample company goes into a simulated Microsoft 365 and into a SCIM application

    Starts the hub, a simulated Microsoft 365 and a SCIM application in one process, loads the sample
    company Contoso through the SCIM endpoint, provisions it into both, lets one person join, one move
    and one leave, and compares. Interrupted at any point, it goes on where it stopped when it is
    started again. Its folder is provost-demo unless another is named.

    Usage: provost demo [OPTIONS]

    Options:
          --exit
              End after the summary, with status 0 only if every target agrees with the directory

      -h, --help
              Print help (see a summary with '-h')

    Everywhere:
          --data <DIR>
              The data folder: configuration, key and embedded database [default: provost-data]

          --workspace <NAME>
              The workspace to work in; needed when there are several

          --json
              Answer with JSON
    exit 0
    ");
}

#[test]
fn wrong_usage_has_a_status_of_its_own() {
    assert_snapshot!(Place::empty().run("conection list"), @r"
    --- stderr
    error: unrecognized subcommand 'conection'

      tip: some similar subcommands exist: 'config', 'completions', 'connection'

    Usage: provost [OPTIONS] <COMMAND>

    For more information, try '--help'.
    exit 2
    ");
    assert_snapshot!(Place::empty().run("provider add x --expires-in soon"), @r"
    --- stderr
    error: invalid value 'soon' for '--expires-in <TIME>': write a number and a unit, such as 365d, 12h or 30m, or never

    For more information, try '--help'.
    exit 2
    ");
}

#[test]
fn a_completion_script_knows_the_commands() {
    let script = Place::empty().run("completions bash");
    assert!(
        script.contains("microsoft-365") && script.contains("--secret-env"),
        "{script}"
    );
    assert!(script.ends_with("exit 0"));
}
